export { t as dispatch } from "./dispatch2.js";
