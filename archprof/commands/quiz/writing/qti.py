"""Exercises as a content package of IMS QTI 2.1: a ZIP with a manifest, a test and its items.

http://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html has the elements and their order.
"""

from __future__ import annotations

import io
import itertools
import zipfile
from xml.etree import ElementTree as ET

from archprof.commands.quiz.making.quiz import Exercise
from archprof.commands.quiz.writing.items import ItemField, PlatformItem, items, title_of
from archprof.show.table import AnswerLine, Table
from archprof.units import printable

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
ITEM, TEST = "imsqti_item_xmlv2p1", "imsqti_test_xmlv2p1"
"""What the manifest calls an item and a test."""
TEST_FILE = "test.xml"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same exercise is the same package


def qti_package(exercise: Exercise) -> bytes:
    """Return an exercise as a package."""
    made = items(exercise)
    names = [f"item{number}" for number in range(1, len(made) + 1)]
    files = {f"{name}.xml": _item(name, item) for name, item in zip(names, made, strict=True)}
    files[TEST_FILE] = _test(printable(title_of(exercise)), names)
    files["imsmanifest.xml"] = _manifest(names)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, root in files.items():
            ET.indent(root)
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, ET.tostring(root, encoding="utf-8", xml_declaration=True))
    return out.getvalue()


def _manifest(names: list[str]) -> ET.Element:
    root = ET.Element("manifest", xmlns=PACKAGE, identifier="archprof")
    metadata = ET.SubElement(root, "metadata")
    ET.SubElement(metadata, "schema").text = "QTIv2.1 Package"
    ET.SubElement(metadata, "schemaversion").text = "1.0.0"
    ET.SubElement(root, "organizations")
    resources = ET.SubElement(root, "resources")
    for name in names:
        file = f"{name}.xml"
        resource = ET.SubElement(resources, "resource", identifier=name, type=ITEM, href=file)
        ET.SubElement(resource, "file", href=file)
    resource = ET.SubElement(resources, "resource", identifier="test", type=TEST, href=TEST_FILE)
    ET.SubElement(resource, "file", href=TEST_FILE)
    for name in names:
        ET.SubElement(resource, "dependency", identifierref=name)
    return root


def _test(title: str, names: list[str]) -> ET.Element:
    root = ET.Element("assessmentTest", xmlns=QTI, identifier="test", title=title)
    part = ET.SubElement(
        root,
        "testPart",
        identifier="part",
        navigationMode="nonlinear",
        submissionMode="simultaneous",
    )
    section = ET.SubElement(
        part, "assessmentSection", identifier="section", title=title, visible="true"
    )
    for name in names:
        ET.SubElement(section, "assessmentItemRef", identifier=name, href=f"{name}.xml")
    return root


def _item(name: str, item: PlatformItem) -> ET.Element:
    root = ET.Element(
        "assessmentItem",
        xmlns=QTI,
        identifier=name,
        title=printable(item.title),
        adaptive="false",
        timeDependent="false",
    )
    for number, field in enumerate(item.fields):
        _declaration(root, number, field)
    score = ET.SubElement(
        root, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float"
    )
    ET.SubElement(ET.SubElement(score, "defaultValue"), "value").text = "0"
    ET.SubElement(
        root,
        "outcomeDeclaration",
        identifier="WORKING",
        cardinality="single",
        baseType="identifier",
    )
    body = ET.SubElement(root, "itemBody")
    if item.table is not None:
        _table(body, item.table)
    elif item.fields[0].options:
        _choice(body, item)
    else:
        ET.SubElement(body, "p").text = printable(item.text)
        _entry(ET.SubElement(body, "p"), 0)
    processing = ET.SubElement(root, "responseProcessing")
    for number, field in enumerate(item.fields):
        _scored(processing, number, field)
    _set(processing, "WORKING", "identifier", "shown")
    feedback = ET.SubElement(
        root, "modalFeedback", outcomeIdentifier="WORKING", identifier="shown", showHide="show"
    )
    for line in item.working:
        ET.SubElement(feedback, "p").text = printable(line)
    return root


def _declaration(root: ET.Element, number: int, field: ItemField) -> None:
    """Declare a response and its right answer."""
    kind, right = "string", field.texts[0] if field.texts else ""
    if field.options:
        kind, right = "identifier", f"option{field.right_option}"
    elif field.number is not None:
        kind, right = "float", str(field.number)
    declared = ET.SubElement(
        root,
        "responseDeclaration",
        identifier=f"R{number}",
        cardinality="single",
        baseType=kind,
    )
    ET.SubElement(ET.SubElement(declared, "correctResponse"), "value").text = right


def _entry(parent: ET.Element, number: int) -> None:
    ET.SubElement(
        parent, "textEntryInteraction", responseIdentifier=f"R{number}", expectedLength="14"
    )


def _choice(body: ET.Element, item: PlatformItem) -> None:
    choice = ET.SubElement(
        body, "choiceInteraction", responseIdentifier="R0", shuffle="true", maxChoices="1"
    )
    ET.SubElement(choice, "prompt").text = printable(item.text)
    for i, option in enumerate(item.fields[0].options):
        ET.SubElement(choice, "simpleChoice", identifier=f"option{i}").text = printable(option)


def _table(body: ET.Element, table: Table) -> None:
    """Write a table with an entry in each of its blanks."""
    places = itertools.count()
    whole = ET.SubElement(body, "table")
    head = ET.SubElement(ET.SubElement(whole, "thead"), "tr")
    for column in table.columns:
        ET.SubElement(head, "th").text = printable(column.title)
    rows = ET.SubElement(whole, "tbody")
    for row in table.rows:
        line = ET.SubElement(rows, "tr")
        for cell in row:
            written = ET.SubElement(line, "td")
            if isinstance(cell, AnswerLine):
                _entry(written, next(places))
            else:
                written.text = printable(cell)
    for label, note in table.notes:
        ET.SubElement(body, "p").text = printable(f"{label}: {note}")


def _scored(processing: ET.Element, number: int, field: ItemField) -> None:
    """Add a point where the response is right."""
    when = ET.SubElement(ET.SubElement(processing, "responseCondition"), "responseIf")
    if field.options:
        match = ET.SubElement(when, "match")
        ET.SubElement(match, "variable", identifier=f"R{number}")
        ET.SubElement(match, "correct", identifier=f"R{number}")
    elif field.number is not None:
        off = str(field.tolerance)
        equal = ET.SubElement(when, "equal", toleranceMode="absolute", tolerance=f"{off} {off}")
        ET.SubElement(equal, "variable", identifier=f"R{number}")
        ET.SubElement(equal, "baseValue", baseType="float").text = str(field.number)
    else:
        either = ET.SubElement(when, "or")
        for right in field.texts:
            match = ET.SubElement(either, "stringMatch", caseSensitive="false")
            ET.SubElement(match, "variable", identifier=f"R{number}")
            ET.SubElement(match, "baseValue", baseType="string").text = right
    score = ET.SubElement(when, "setOutcomeValue", identifier="SCORE")
    total = ET.SubElement(score, "sum")
    ET.SubElement(total, "variable", identifier="SCORE")
    ET.SubElement(total, "baseValue", baseType="float").text = "1"


def _set(processing: ET.Element, outcome: str, kind: str, value: str) -> None:
    chosen = ET.SubElement(processing, "setOutcomeValue", identifier=outcome)
    ET.SubElement(chosen, "baseValue", baseType=kind).text = value
