const facts = JSON.parse(document.getElementById("facts")?.textContent ?? "{}");
document.title = facts.recordings?.[0]?.name ?? "inspector";
