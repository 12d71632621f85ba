// The globals of NiceGUI and Quasar, for `tsc`. Nothing of this is sent to a browser.

interface Socket {
  connected: boolean;
  off(): void;
  disconnect(): void;
  [more: string]: any;
}

interface Window {
  socket?: Socket;
  clientId: string;
  nextMessageId: number;
  Quasar?: any;
  CloseWatcher?: typeof CloseWatcher;
  renderRecursively: (elements: any, id: any, slotProps?: object) => any;
}

declare const Vue: any;

// Not every browser has it, and the types of TypeScript 7.0 do not know it.
declare class CloseWatcher {
  constructor(options: { signal: AbortSignal });
  onclose: () => void;
}

// The target of an event is an element, or the document or window, which have none of these.
interface EventTarget {
  closest?: Element["closest"];
  matches?: any; // a MediaQueryList has a truth under this name
}

declare module "nicegui-mermaid";
