using System.Text;
using System.Text.Json;

namespace Lcnn.Distributed.Client.Files;

/// <summary>Loads a JSON text: held to JSON's rules first, and then read as the YAML that it is, which keeps places.</summary>
internal static class JsonText
{
    /// <summary>The text's value; null when it is not JSON, and the reason is among the problems.</summary>
    public static TextNode? Load(string text, FileProblems problems)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            while (reader.Read())
            {
            }
        }
        catch (JsonException exception)
        {
            var place = new TextPlace((int)(exception.LineNumber ?? 0) + 1, (int)(exception.BytePositionInLine ?? 0) + 1);
            var reason = exception.Message;
            var end = reason.IndexOf(" LineNumber:", StringComparison.Ordinal);
            problems.Add(place, "", $"not valid JSON: {(end < 0 ? reason : reason[..end])}");
            return null;
        }

        // A tab can only stand between tokens here, where YAML wants a space.
        return YamlText.Load(text.Replace('\t', ' '), problems);
    }
}
