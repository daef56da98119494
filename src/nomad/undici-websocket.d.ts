// The file of undici with the web socket alone: its index is bundled without it.
declare module 'undici/lib/web/websocket/websocket.js' {
  export { WebSocket } from 'undici';
}
