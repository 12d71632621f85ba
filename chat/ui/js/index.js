// What every page runs, whatever it shows: listeners on the document, which find what they are for by its class.
// The halves of our elements are in components/; each imports what it uses, as `import … from "parlour/menu.js"`.
import "parlour/connection.js";
import "parlour/attachments.js";
import "parlour/clipboard.js";
import "parlour/code_blocks.js";
import "parlour/diagrams.js";
import "parlour/dialogs.js";
import "parlour/growth.js";
import "parlour/kept_drawing.js";
import "parlour/long_press.js";
import "parlour/preview.js";
import "parlour/printing.js";
import "parlour/reading_place.js";
import "parlour/rich_copy.js";
import "parlour/shortcuts.js";
import "parlour/usage_details.js";
