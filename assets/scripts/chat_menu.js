// What can be done with a chat as a whole, in the list and in the bar above it.
(() => {
  const items = (row) => [
    row.pinned ? ["unpin", "Unpin", "keep_off"] : ["pin", "Pin", "keep"],
    ["rename", "Rename", "edit"],
    ["copy", "Copy link (only for you)", "link"],
    row.archived ? ["unarchive", "Unarchive", "unarchive"] : ["archive", "Archive", "archive"],
    ["delete", "Delete", "delete", "danger"],
  ];

  // Does what needs no server; returns the name of anything else that was chosen. `more` stands above the others.
  window.parlourChatMenu = async (at, row, more = []) => {
    const chosen = await window.parlourMenu.open(at, `Options for ${row.title}`, [...more, ...items(row)]);
    if (chosen !== "copy") return chosen;
    window.parlourCopy(new URL(window.parlourAddress(`/c/${row.id}`), location.href).href);
    return undefined;
  };
})();
