// The policy of the gateway takes `<style>` elements with the nonce of the page only. Dialogs make one to keep the page
// behind them from scrolling; their library reads the nonce from this global.

declare global {
  var __webpack_nonce__: string | undefined;
}

/** The nonce of this page. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;

globalThis.__webpack_nonce__ = nonce;
