// Keys with which characters are composed, as those of Japanese are with an input method: they are no keys of the page.

// In Safari the Enter that takes a word comes after the end of its composition; then only its code says what it was for.
export const isComposing = (event) => event.isComposing || event.keyCode === 229;
