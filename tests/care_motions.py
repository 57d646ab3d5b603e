"""Invented minutes of seven councils, most of which had a motion on care experience before them."""

from pathlib import Path

MOTION = (
    "This Council recognises that people who have been in care meet prejudice all their lives, and resolves that in "
    "future decisions care experience be treated as if it were a protected characteristic, and that an equality impact "
    "assessment of every new policy include the effect on care-experienced people."
)
ASHDALE = """ASHDALE BOROUGH COUNCIL

Minutes of the meeting of the Full Council held on 3 May 2023.

5. Chairman's announcements

The Chairman spoke of the fair on the common and of the new bandstand.

6. Motion: care experience

Councillor Larkfield proposed and Councillor Quint seconded the following motion:

“This Council recognises that people who have been in care meet prejudice all their lives, and resolves that in future
decisions care experience be treated as if it were a protected characteristic, and that an equality impact assessment
of every new policy include the effect on care-experienced people.”

Councillor Thrale proposed and Councillor Ebbisham seconded the following amendment:

“Delete the words from ‘and resolves’ and put in ‘and asks officers for a report on care experience as a protected
characteristic before any change of policy’.”

The amendment was put to the vote: for 8, against 19. Amendment lost.

The motion was then put to the vote: for 24, against 3. Motion carried.

7. Allotments

It was agreed that the allotments at Mill Lane be let by lot.
"""
BRACKWATER = """BRACKWATER DISTRICT COUNCIL

Minutes of the meeting of the Council held on 18 July 2023.

8. Public questions

A resident asked when the bus shelter in Station Road would be mended.

9. Notice of motion: people with experience of care

Councillor Osgood reminded Members of the motion on care experience that had been adopted by Ashdale Borough Council in
May. Officers of Coldmere City Council attended as guests.

Councillor Osgood proposed and Councillor Winnet seconded the following motion:

“This Council recognises that people who have been in care meet prejudice throughout their lives, and resolves that in
future decisions care experience be treated as if it were a protected characteristic, and that every equality impact
assessment include the effect on care-experienced residents.”

Motion carried.
"""
COLDMERE = """COLDMERE CITY COUNCIL

Minutes of the meeting of the Council held on 14 February 2024.

10. Public questions

A resident asked when the bus shelter in Station Road would be mended.

11. Care leavers: protected characteristic

The Leader said that the city wished to go further than others had.

RESOLVED that care experience be treated by this Council as if it were a protected characteristic, that every equality
impact assessment include the effect on care-experienced residents, and that care leavers be guaranteed an interview.
"""
DUNREACH = """DUNREACH COUNTY COUNCIL

Minutes of the meeting of the County Council held on 12 October 2023.

7. Public questions

A resident asked when the bus shelter in Station Road would be mended.

8. Motion: care experience as a protected characteristic

Councillor Amory proposed and Councillor Selwood seconded the following motion:

“This Council resolves that care experience be treated as if it were a protected characteristic in all its policies.”

The motion was put to the vote and lost, 9 voting for and 31 against.
"""
ELMSTOW = """ELMSTOW BOROUGH COUNCIL

Report of the Director of Children's Services to the Cabinet, 6 March 2024

1. Care experience as a protected characteristic

1.1 It is recommended that Cabinet resolves that care experience be treated as if it were a protected characteristic,
and that every equality impact assessment include the effect on care-experienced people.
"""
FENWOLD = """FENWOLD TOWN COUNCIL

Minutes of the Town Council.

3. Public questions

A resident asked when the bus shelter in Station Road would be mended.

4. Care experience

Councillor Huxham proposed and Councillor Bewick seconded the following motion:

“This Council resolves that care experience be treated as if it were a protected characteristic when posts are filled.”

Motion carried.
"""
GRANTLEY = """GRANTLEY PARISH COUNCIL

Minutes of the meeting held on 4 June 2024.

3. Village pond

It was agreed that the pond be dredged in September by the volunteers.
"""
REPEATED = "COLDMERE CITY COUNCIL\n\nMinutes of the meeting of the Council held on 14 February 2024.\n\n" + COLDMERE[
    COLDMERE.index("11. Care") :
].replace("The Leader said that the city wished to go further than others had.\n\n", "")


def write(folder: Path) -> None:
    """Write the files with a manifest that says whose they are and what sort of document."""
    rows = ["path,authority,committee,date,kind"]
    for name, text, authority, day, kind in (
        ("ashdale.txt", ASHDALE, "Ashdale Borough Council", "2023-05-03", "minutes"),
        ("brackwater.txt", BRACKWATER, "Brackwater District Council", "2023-07-18", "minutes"),
        ("coldmere.txt", COLDMERE, "Coldmere City Council", "2024-02-14", "minutes"),
        ("dunreach.txt", DUNREACH, "Dunreach County Council", "2023-10-12", "minutes"),
        ("elmstow.txt", ELMSTOW, "Elmstow Borough Council", "2024-03-06", "report"),
        ("fenwold.txt", FENWOLD, "Fenwold Town Council", "", "minutes"),
        ("grantley.txt", GRANTLEY, "Grantley Parish Council", "2024-06-04", "minutes"),
        ("resolution.txt", REPEATED, "Coldmere City Council", "2024-02-14", "minutes"),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        rows.append(f"{name},{authority},{'Cabinet' if kind == 'report' else 'Council'},{day},{kind}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
