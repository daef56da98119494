export { o as removeAgent } from "./agent-left2.js";
