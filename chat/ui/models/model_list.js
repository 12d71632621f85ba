// The browser's half of ModelList; the row of buttons under an answer has the same list.
export default window.ParlourModelList;
