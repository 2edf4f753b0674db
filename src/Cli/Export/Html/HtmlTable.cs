using System.Globalization;
using Lcnn.Distributed.Cli.Display;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>Tables that can be read without a script.</summary>
internal static class HtmlTable
{
    /// <summary>A table that scrolls in its own frame.</summary>
    /// <param name="isSortable">Whether a click on a column sorts by it, with charts.js.</param>
    public static HtmlText Table(IEnumerable<string> columns, IEnumerable<IEnumerable<HtmlText>> rows, bool isSortable = false)
    {
        var head = HtmlText.Join(columns.Select(column => isSortable
            ? HtmlText.Of($"<th scope=\"col\"><button type=\"button\">{column}</button></th>")
            : HtmlText.Of($"<th scope=\"col\">{column}</th>")));
        var body = HtmlText.Join(rows.Select(row => HtmlText.Of($"<tr>{HtmlText.Join(row)}</tr>\n")));
        return HtmlText.Of($"<div class=\"scroll\" tabindex=\"0\"><table class=\"{(isSortable ? "sortable" : "plain")}\"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>");
    }

    /// <summary>The head of a row.</summary>
    public static HtmlText Head(string text) => HtmlText.Of($"<th scope=\"row\" data-sort=\"{text}\">{text}</th>");

    /// <summary>A cell of text.</summary>
    public static HtmlText Text(string text) => HtmlText.Of($"<td data-sort=\"{text}\">{text}</td>");

    /// <summary>A cell of a number, rounded to be read.</summary>
    public static HtmlText Number(double value) => HtmlText.Of($"<td class=\"number\" data-sort=\"{Digits(value)}\">{Format.Number(value)}</td>");

    /// <summary>A cell of a whole number.</summary>
    public static HtmlText Number(long value) => HtmlText.Of($"<td class=\"number\" data-sort=\"{value.ToString(CultureInfo.InvariantCulture)}\">{value.ToString(CultureInfo.InvariantCulture)}</td>");

    /// <summary>All digits of a number, to sort by.</summary>
    public static string Digits(double value) => CsvRow.Number(value) ?? "";
}
