"""The page that `inspector report` writes: a recording as people look at it in a browser.

`building` puts recordings into `page.html`, which is made of the program in `app/`. The program reads three
blocks of data for each recording: facts that need Python's rules, columns that let it draw all lines without
parsing them, and the lines themselves. Pure functions: the only file that is read is `page.html`.
"""
