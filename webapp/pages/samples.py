"""Whether what is searched are the shipped samples, which every page then says."""

from corpus.catalogue import Catalogue
from corpus.status import current_urls
from webapp.shown.formatters import is_sample


def only_samples(catalogue: Catalogue) -> bool:
    """Tell whether all that can be searched are the shipped samples."""
    urls = current_urls(catalogue)
    first = next(urls, None)
    return is_sample(first) and all(is_sample(url) for url in urls)
