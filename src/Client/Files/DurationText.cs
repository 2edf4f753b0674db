using System.Globalization;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.Client.Files;

/// <summary>Times as people write them: 90s, 45m, 1h30m, 2d.</summary>
internal static partial class DurationText
{
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (Pattern().Match(text) is not { Success: true } match || text.Length == 0)
        {
            return false;
        }

        var seconds = Of(match, "d") * 86400 + Of(match, "h") * 3600 + Of(match, "m") * 60 + Of(match, "s");
        if (seconds >= TimeSpan.MaxValue.TotalSeconds)
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static double Of(Match match, string unit) =>
        match.Groups[unit] is { Success: true } group ? double.Parse(group.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(?:(?<d>[0-9]+(\.[0-9]+)?)d)?(?:(?<h>[0-9]+(\.[0-9]+)?)h)?(?:(?<m>[0-9]+(\.[0-9]+)?)m)?(?:(?<s>[0-9]+(\.[0-9]+)?)s)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
