"""Make the vendored files of the web app and its tests anew from npm: `python .ci/vendor.py FOLDER`, FOLDER empty.

`npm pack` is run in FOLDER. What is GOV.UK's own, its typeface, crest and crown, is taken out: the licence of the
package does not give it.
"""

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "webapp" / "static" / "vendor"
FILES = {
    "govuk-frontend@6.6.0": {
        "dist/govuk/govuk-frontend.min.css": VENDOR / "govuk-frontend.min.css",
        "dist/govuk/govuk-frontend.min.js": VENDOR / "govuk-frontend.min.js",
    },
    "axe-core@4.14.1": {
        "axe.min.js": ROOT / "tests" / "vendor" / "axe.min.js",
        "LICENSE": ROOT / "tests" / "vendor" / "axe.LICENSE.txt",
    },
}


def main(folder: Path) -> None:
    """Fetch each package and keep the files that are used."""
    for package, files in FILES.items():
        name = subprocess.run(["npm", "pack", package], cwd=folder, check=True, capture_output=True, text=True).stdout
        with tarfile.open(folder / name.split()[-1]) as archive:
            for source, target in files.items():
                target.parent.mkdir(parents=True, exist_ok=True)
                member = archive.extractfile(f"package/{source}")
                assert member, source
                with target.open("wb") as out:
                    shutil.copyfileobj(member, out)
    sheet = VENDOR / "govuk-frontend.min.css"
    sheet.write_text(without_branding(sheet.read_text(encoding="utf-8")), encoding="utf-8")
    for script in VENDOR.glob("*.js"):  # their source maps are not kept
        text = re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", script.read_text(encoding="utf-8"))
        script.write_text(text, encoding="utf-8")


def without_branding(css: str) -> str:
    """Return the style sheet without the typeface and the crest."""
    css = re.sub(r"/\*!? Copyright.*?\*/", "", css, flags=re.S)
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,", "")
    css = re.sub(r"\.govuk-footer__copyright-logo[^{}]*\{[^{}]*\}", "", css)
    css = re.sub(r"@media[^{]*\{\}|@supports[^{]*\{\}", "", css)
    return re.sub(r"/\*# sourceMappingURL=\S+ \*/\s*", "", css)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
