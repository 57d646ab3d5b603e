"""Invented minutes of councils, some of which had free swimming for foster carers before them."""

from pathlib import Path

QUESTION = "Should foster carers have free swimming at the leisure centres?"
OXMERE = """OXMERE DISTRICT COUNCIL

Minutes of the meeting of the Cabinet held on 12 June 2023.

4. Car parks

The charges for the car parks at Quay Street were noted.

5. Free swimming for foster carers

The Portfolio Holder said that foster carers and the children who live with them seldom used the leisure centres.

RESOLVED that foster carers have free swimming at both leisure centres from 1 September 2023.
"""
OXMERE_SCRUTINY = """OXMERE DISTRICT COUNCIL

Minutes of the meeting of the Scrutiny Committee held on 9 May 2024.

6. Free swimming for foster carers: the first year

Officers reported that forty foster carers had used the free swimming at the leisure centres in its first year.
"""
PELHAM = """PELHAM BOROUGH COUNCIL

Minutes of the meeting of the Health Scrutiny Panel held on 3 October 2023.

7. Leisure centres and foster carers

The Panel heard from three foster carers, who asked for free swimming at the leisure centres.

RESOLVED to recommend to Cabinet that foster carers be given free swimming at the leisure centres.
"""
TARNBECK = """TARNBECK TOWN COUNCIL

Minutes of the meeting of the Town Council held on 13 March 2024.

8. Motion: free swimming for foster carers

Councillor Larkfield proposed and Councillor Quint seconded the following motion:

“This Council will pay for free swimming for foster carers at the leisure centre in Mill Lane.”

The motion was put to the vote and lost, 5 voting for and 9 against.
"""
TARNBECK_LATER = """TARNBECK TOWN COUNCIL

Minutes of the meeting of the Town Council held on 9 January 2025.

5. Bus shelter

A resident asked when the bus shelter in Station Road would be mended.

6. Motion: free swimming for foster carers

Councillor Larkfield proposed and Councillor Ebbisham seconded the following motion:

“This Council will pay for free swimming for foster carers at the leisure centre in Mill Lane.”

Councillor Thrale proposed and Councillor Winnet seconded the following amendment:

“Delete the words foster carers and put in all residents, so that free swimming is for everybody.”

The amendment was put to the vote: for 2, against 12. Amendment lost.

The motion was then put to the vote: for 11, against 3. Motion carried.
"""
TARNBECK_BETWEEN = """TARNBECK TOWN COUNCIL

Minutes of the meeting of the Town Council held on 6 June 2023.

3. Pond

It was agreed that the pond be dredged in September.
"""
WILLOWBY = """WILLOWBY PARISH COUNCIL

Minutes of the meeting held on 4 May 2022.

3. Hedges

The hedge along Church Lane is overgrown. The Clerk will write to the owner of the land.
"""
WILLOWBY_LATER = WILLOWBY.replace("4 May 2022", "4 July 2024")
NAMELESS = """Minutes of the meeting held on 2 February 2024.

3. Free swimming for foster carers

It was agreed that foster carers should have free swimming at the leisure centre on Sundays.
"""
FORMULA = """=2+5 COUNCIL

Minutes of the meeting of the Council held on 2 April 2024.

3. Free swimming

=HYPERLINK("x") is how the spreadsheet of free swimming for foster carers at the leisure centres begins, a member said.
"""
_FILES = (
    ("oxmere.txt", OXMERE, "Oxmere District Council", "Cabinet", "2023-06-12"),
    ("oxmere-scrutiny.txt", OXMERE_SCRUTINY, "Oxmere District Council", "Scrutiny Committee", "2024-05-09"),
    ("pelham.txt", PELHAM, "Pelham Borough Council", "Health Scrutiny Panel", "2023-10-03"),
    ("tarnbeck.txt", TARNBECK, "Tarnbeck Town Council", "Town Council", "2024-03-13"),
    ("tarnbeck-later.txt", TARNBECK_LATER, "Tarnbeck Town Council", "Town Council", "2025-01-09"),
    ("tarnbeck-before.txt", TARNBECK_BETWEEN, "Tarnbeck Town Council", "Town Council", "2023-06-06"),
    ("willowby.txt", WILLOWBY, "Willowby Parish Council", "Parish Council", "2022-05-04"),
    ("willowby-later.txt", WILLOWBY_LATER, "Willowby Parish Council", "Parish Council", "2024-07-04"),
    ("nameless.txt", NAMELESS, "", "Leisure Committee", "2024-02-02"),
    ("formula.txt", FORMULA, "=2+5 Council", "Council", "2024-04-02"),
)  # fmt: skip


def write(folder: Path) -> None:
    """Write the files with a manifest that says whose they are."""
    rows = ["path,authority,committee,date"]
    for name, text, authority, committee, day in _FILES:
        (folder / name).write_text(text, encoding="utf-8")
        rows.append(f"{name},{authority},{committee},{day}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
