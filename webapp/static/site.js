// Every page works without this file; it makes the design system's components quicker to use.
import { initAll } from "./vendor/govuk-frontend.min.js";

initAll();
