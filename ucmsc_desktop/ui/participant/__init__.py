"""Parts of the page of one participant: tiles, the words of its visits, its cards."""
