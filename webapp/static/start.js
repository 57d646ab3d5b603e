// Before the page is drawn: say that scripts run, as the design system's styles expect.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
