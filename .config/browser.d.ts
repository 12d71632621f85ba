// What the scripts of a page share, for `tsc`: NiceGUI's globals and our own. Nothing of this is sent to a browser.

interface Socket {
  connected: boolean;
  off(): void;
  disconnect(): void;
  connect(): void;
  [more: string]: any;
}

interface Choice {
  title: string;
  text: string;
  action: string;
}

interface Window {
  // NiceGUI's and Quasar's
  socket?: Socket;
  clientId: string;
  nextMessageId: number;
  Quasar?: any;

  // assets/scripts
  ParlourKeys: new () => any;
  ParlourModelList: any;
  ParlourOutbox: any;
  ParlourTurnMenu: any;
  ParlourVersions: any;
  parlourAddress(path: string): string;
  parlourAttachments: any;
  parlourChatMenu(at: Element | MouseEvent, row: any, more?: string[][]): Promise<string | undefined>;
  parlourConfirm(choice: Choice): Promise<boolean>;
  parlourCopy(text: string): Promise<boolean>;
  parlourCopyBy(button: HTMLElement, text: string | null): Promise<string>;
  parlourHold(element: Element): void;
  parlourMenu: { open(at: Element | MouseEvent, label: string, items: string[][]): Promise<string | undefined> };
  parlourMod: string;
  parlourPath(): string;
  parlourReach(turn: string, role: string, frames?: number): unknown;
  parlourTheme: { readonly choice: string; set(next: string): string; next(): string };

  // called by the server
  parlourEnd(): void;
}

// The target of an event is an element, or the document or window, which have none of these.
interface EventTarget {
  closest?: Element["closest"];
  matches?: any; // a MediaQueryList has a truth under this name
}

declare module "nicegui-mermaid";
