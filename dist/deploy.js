export { t as deploy } from "./deploy2.js";
