"""Many recordings: the same functions over folders, packs and buckets, on several processes or machines."""
