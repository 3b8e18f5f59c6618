"""Writes book.xlsx, a workbook with every kind of cell, by openpyxl (3.1.5).

The test of the reader knows what stands in it. Run: python3 make.py
"""

from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

book = Workbook()
first = book.active
first.title = "First"
first.append(["id", None, 7])
first.append(["a", "beside", 1, "beyond the header"])

kinds = book.create_sheet("Kinds & more")
kinds["B2"], kinds["C2"], kinds["D2"], kinds["E2"], kinds["F2"], kinds["G2"] = (
    " text ", "number", "day", "time", "flag", "formula")
kinds["B3"], kinds["C3"], kinds["D3"], kinds["E3"], kinds["F3"], kinds["G3"] = (
    CellRichText("pl", TextBlock(InlineFont(b=True), "ain")), 17850, date(2024, 2, 29),
    datetime(2024, 2, 29, 10, 11, 12), True, "late")
kinds["B4"], kinds["C4"], kinds["D4"], kinds["E4"], kinds["F4"] = (
    "two\nlines & <signs> ä", 0.1, 1, datetime(2024, 2, 29), False)
kinds["D4"].number_format = "dd.mm.yyyy"
kinds["B6"], kinds["C6"], kinds["D6"], kinds["E6"], kinds["G6"] = (
    "0042", -3, date(2024, 2, 29), datetime(2024, 2, 29, 11, 59, 59, 999000), "#N/A")
kinds["B6"].data_type = "s"
kinds["D6"].number_format = '[$-407]d. mmmm "d" yyyy'

book.create_sheet("Empty")
book.save("book.xlsx")
