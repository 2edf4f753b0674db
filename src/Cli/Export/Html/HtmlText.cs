using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>Markup that is safe to put into a page.</summary>
internal readonly record struct HtmlText(string Markup)
{
    /// <summary>The literal parts as they are; every value encoded, unless it is markup itself.</summary>
    public static HtmlText Of(HtmlTextBuilder text) => new(text.ToString());

    /// <summary>Pieces one after the other.</summary>
    public static HtmlText Join(IEnumerable<HtmlText> pieces) => new(string.Concat(pieces.Select(piece => piece.Markup)));

    /// <inheritdoc/>
    public override string ToString() => Markup;
}

/// <summary>Turns an interpolated string into <see cref="HtmlText"/>, so that no value can be forgotten.</summary>
[InterpolatedStringHandler]
internal readonly struct HtmlTextBuilder(int literalLength, int formattedCount)
{
    private readonly StringBuilder _markup = new(literalLength + (formattedCount * 16));

    public void AppendLiteral(string literal) => _markup.Append(literal);

    public void AppendFormatted(string? value) => _markup.Append(HtmlEncoder.Default.Encode(value ?? ""));

    public void AppendFormatted(int value) => _markup.Append(value);

    public void AppendFormatted(HtmlText markup) => _markup.Append(markup.Markup);

    public override string ToString() => _markup.ToString();
}
