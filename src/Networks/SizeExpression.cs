using System.Globalization;

namespace Lcnn.Distributed.Networks;

/// <summary>A whole number of a network's description: digits, names of parameters, + - * / and parentheses. A division has to come out even.</summary>
public sealed class SizeExpression
{
    private const int MaxLength = 200;
    private const int MaxDepth = 32;

    private readonly string _text;
    private readonly Func<string, long?> _valueOf;
    private readonly IEnumerable<string> _known;
    private int _at;
    private int _depth;

    private SizeExpression(string text, IReadOnlyDictionary<string, long> values) => (_text, _valueOf, _known) = (text, name => values.TryGetValue(name, out var value) ? value : null, values.Keys);

    /// <summary>Works it out.</summary>
    /// <returns>The number, or why there is none.</returns>
    public static (long? Value, string? Problem) Evaluate(string text, IReadOnlyDictionary<string, long> values)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
        {
            return (null, $"expected an expression of at most {MaxLength} characters, got {text.Length}");
        }

        try
        {
            var expression = new SizeExpression(text, values);
            var value = expression.Sum();
            return expression.Next() is { } rest ? throw expression.Unexpected(rest) : (value, null);
        }
        catch (FormatException exception)
        {
            return (null, exception.Message);
        }
        catch (OverflowException)
        {
            return (null, $"'{text}' is too large a number");
        }
    }

    private long Sum()
    {
        var sum = Product();
        while (Next() is '+' or '-')
        {
            var sign = _text[_at++];
            var term = Product();
            sum = checked(sign == '+' ? sum + term : sum - term);
        }

        return sum;
    }

    private long Product()
    {
        var product = Factor();
        while (Next() is '*' or '/')
        {
            var sign = _text[_at++];
            var factor = Factor();
            product = sign == '*' ? checked(product * factor)
                : factor != 0 && product % factor == 0 ? product / factor
                : throw new FormatException($"{product}/{factor} in '{_text}' is no whole number");
        }

        return product;
    }

    private long Factor()
    {
        if (Next() == '(')
        {
            if (++_depth > MaxDepth)
            {
                throw new FormatException($"expected at most {MaxDepth} parentheses in one another, got more");
            }

            _at++;
            var inner = Sum();
            if (Next() != ')')
            {
                throw Next() is { } other ? Unexpected(other) : new FormatException($"'{_text}' lacks a ')'");
            }

            (_at, _depth) = (_at + 1, _depth - 1);
            return inner;
        }

        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
        {
            _at++;
        }

        var word = _text[start.._at];
        return word.Length == 0 ? throw (Next() is { } found ? Unexpected(found) : new FormatException($"expected a whole number or a parameter, got {(_text.Trim().Length == 0 ? "nothing" : $"'{_text}'")}"))
            : char.IsAsciiDigit(word[0]) ? long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"expected a whole number or a parameter, got '{word}'")
            : _valueOf(word) ?? throw new FormatException(Unknown(word));
    }

    private char? Next()
    {
        while (_at < _text.Length && _text[_at] == ' ')
        {
            _at++;
        }

        return _at < _text.Length ? _text[_at] : null;
    }

    private string Unknown(string word)
    {
        string[] known = [.. _known];
        var hint = Spelling.Hint(word, known);
        return $"unknown parameter '{word}', expected one of {string.Join(", ", known)}{hint}";
    }

    private FormatException Unexpected(char found) => new($"unexpected '{found}' in '{_text}'; expected whole numbers, parameters, + - * / and parentheses");
}
