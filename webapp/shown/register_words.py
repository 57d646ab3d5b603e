"""The types and regions of the register of authorities, which forms and filters show in the language of the page."""

from webapp.language import to_translate

REGIONS = (
    to_translate("East Midlands"),
    to_translate("East of England"),
    to_translate("London"),
    to_translate("North East"),
    to_translate("North West"),
    to_translate("Northern Ireland"),
    to_translate("Scotland"),
    to_translate("South East"),
    to_translate("South West"),
    to_translate("Wales"),
    to_translate("West Midlands"),
    to_translate("Yorkshire and The Humber"),
)
TYPES = (
    to_translate("City corporation"),
    to_translate("Combined authority"),
    to_translate("County"),
    to_translate("London borough"),
    to_translate("Metropolitan district"),
    to_translate("NI district"),
    to_translate("Non-metropolitan district"),
    to_translate("Scottish unitary authority"),
    to_translate("Strategic Regional Authority"),
    to_translate("Unitary authority"),
    to_translate("Welsh unitary authority"),
)
