// The browser's half of ModelMenu; the buttons under an answer have the same menu.
import { ModelMenu } from "parlour/model_list.js";

export default ModelMenu;
