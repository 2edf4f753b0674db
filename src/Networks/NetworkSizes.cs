using System.Globalization;

namespace Lcnn.Distributed.Networks;

/// <summary>Values of a network's parameters in a text such as <c>blocks=2,width=8</c>.</summary>
public static class NetworkSizes
{
    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static IReadOnlyDictionary<string, long> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sizes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('=', StringSplitOptions.TrimEntries) is not [{ Length: > 0 } name, var value] || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                throw new FormatException($"expected NAME=NUMBER, such as width=8, got '{part}'");
            }

            if (!sizes.TryAdd(name, size))
            {
                throw new FormatException($"'{name}' is given twice");
            }
        }

        return sizes;
    }

    /// <summary>The text, names in order: the same for the same values.</summary>
    public static string Write(IEnumerable<KeyValuePair<string, long>> sizes) =>
        string.Join(',', sizes.OrderBy(size => size.Key, StringComparer.Ordinal).Select(size => string.Create(CultureInfo.InvariantCulture, $"{size.Key}={size.Value}")));

    /// <summary>The text with one value changed or added.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static string With(string text, string name, long value) => Write(new Dictionary<string, long>(Parse(text)) { [name] = value });
}
