using System.Globalization;
using System.Text.RegularExpressions;
using Lcnn.Distributed.Contracts.Runs;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lcnn.Distributed.Client.Files;

/// <summary>
/// Loads a YAML text by its events, so that places are kept and nothing is expanded: anchors, aliases and tags are refused.
/// Scalars follow the core schema of YAML 1.2, in which "yes" and "no" are texts.
/// </summary>
internal sealed partial class YamlText
{
    private const int MaxDepth = 16;
    private const double NoFractionsFrom = 4503599627370496; // 2^52
    private const double NoWholeFrom = 9223372036854775808; // 2^63

    private readonly Parser _parser;
    private readonly FileProblems _problems;

    private YamlText(string text, FileProblems problems) => (_parser, _problems) = (new Parser(new StringReader(text)), problems);

    /// <summary>The text's one document; null when the text is refused, and the reasons are among the problems.</summary>
    public static TextNode? Load(string text, FileProblems problems)
    {
        var reader = new YamlText(text, problems);
        try
        {
            var root = reader.ReadDocument();
            return problems.IsEmpty ? root : null;
        }
        catch (YamlException exception)
        {
            // A parser that has lost its way may say so about the end of the text.
            var reason = exception.InnerException is null ? exception.Message : exception.GetBaseException().Message;
            problems.Add(PlaceOf(exception.Start), "", $"not valid YAML: {reason}");
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // the parser's own, of a tag or character that decodes to nothing it may hold, or of brackets amid which it loses its way
            var reason = exception is ArgumentException ? exception.Message.Split(" (Parameter")[0] : "brackets or quotes that do not match";
            problems.Add(PlaceOf(reader._parser.Current?.End ?? Mark.Empty), "", $"not valid YAML: {reason}");
            return null;
        }
    }

    private TextNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            _problems.Add(new TextPlace(1, 1), "", "expected a mapping, got an empty file");
            return null;
        }

        if (Read(0) is not { } root)
        {
            return null;
        }

        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
        {
            _problems.Add(PlaceOf(second.Start), "", "expected one document, got a second one");
        }

        return root;
    }

    // Null once a problem makes reading on pointless.
    private TextNode? Read(int depth)
    {
        var place = PlaceOf(_parser.Current!.Start);
        if (depth > MaxDepth)
        {
            _problems.Add(place, "", $"expected at most {MaxDepth} levels of nesting, got more");
            return null;
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            _problems.Add(place, "", $"aliases are not read: write out what '*{alias.Value}' stands for");
            return new ScalarNode(place, null);
        }

        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _problems.Add(place, "", $"anchors are not read: leave out '&{anchored.Anchor}'");
        }

        if (_parser.Current is NodeEvent { Tag.IsEmpty: false } tagged && tagged.Tag is { IsNonSpecific: false, IsLocal: true } or { IsNonSpecific: false, IsGlobal: true })
        {
            _problems.Add(place, "", $"tags are not read: leave out '{tagged.Tag.Value}'");
        }

        return _parser.Current switch
        {
            Scalar => ReadScalar(place),
            SequenceStart => ReadList(place, depth),
            _ => ReadMapping(place, depth),
        };
    }

    private ScalarNode ReadScalar(TextPlace place)
    {
        var scalar = _parser.Consume<Scalar>();
        return scalar.Style is ScalarStyle.Plain
            ? new ScalarNode(place, PlainValue(scalar.Value), scalar.Value)
            : new ScalarNode(place, OptionValue.FromString(scalar.Value));
    }

    private ListNode? ReadList(TextPlace place, int depth)
    {
        var items = new List<TextNode>();
        _parser.Consume<SequenceStart>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            if (Read(depth + 1) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return new ListNode(place, items);
    }

    private MappingNode? ReadMapping(TextPlace place, int depth)
    {
        var entries = new List<TextEntry>();
        _parser.Consume<MappingStart>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var keyPlace = PlaceOf(_parser.Current!.Start);
            var name = _parser.Current is Scalar scalar ? scalar.Value : null;
            if (Read(depth + 1) is not { } key || Read(depth + 1) is not { } value)
            {
                return null;
            }

            if (name is null)
            {
                _problems.Add(keyPlace, "", $"expected a name as the key, got {key.Description}");
                continue;
            }

            entries.Add(new TextEntry(name, keyPlace, value));
        }

        return new MappingNode(place, entries);
    }

    private static OptionValue? PlainValue(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        ".nan" or ".NaN" or ".NAN" => double.NaN,
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" => double.PositiveInfinity,
        "-.inf" or "-.Inf" or "-.INF" => double.NegativeInfinity,
        ['0', 'x', .. var digits] when long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var whole) && whole >= 0 => whole,
        ['0', 'o', .. var digits] when TryParseOctal(digits, out var whole) => whole,
        _ when NumberPattern().IsMatch(text) => Number(text),
        _ => text,
    };

    // What is whole stays exact. Where a double would be another whole number than the one written, it stays a text: no option takes it.
    private static OptionValue Number(string text)
    {
        if (DecimalNumber.TryParse(text, out var exact) && exact.TryToInt64(out var whole))
        {
            return whole;
        }

        var number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return Math.Abs(number) is >= NoFractionsFrom and < NoWholeFrom || WholePattern().IsMatch(text) ? text : number;
    }

    private static bool TryParseOctal(string digits, out long number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7' || number > long.MaxValue >> 3)
            {
                return false;
            }

            number = (number << 3) | (long)(digit - '0');
        }

        return digits.Length > 0;
    }

    private static TextPlace PlaceOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    [GeneratedRegex(@"^[-+]?[0-9]+\z")]
    private static partial Regex WholePattern();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex NumberPattern();
}
