using System.Globalization;
using System.Text;

namespace Lcnn.Distributed.Networks;

/// <summary>Writes descriptions as the files that they are read from.</summary>
internal static class NetworkYaml
{
    public static string Write(NetworkDescription description)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{NetworkReader.NameKey}: {description.Name}\n{NetworkReader.StyleKey}: {description.Style}\n");
        if (description.Parameters.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{NetworkReader.ParametersKey}: {{{string.Join(", ", description.Parameters.Select(parameter => $"{parameter.Key}: {parameter.Value}"))}}}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{NetworkReader.LayersKey}:\n");
        Write(text, description.Layers, 1);
        return text.ToString();
    }

    private static void Write(StringBuilder text, IReadOnlyList<NetworkElement> elements, int depth)
    {
        foreach (var element in elements)
        {
            text.Append(' ', 2 * depth).Append("- ").Append(element.Kind);
            var arguments = string.Join(", ", element.Arguments.Select(argument => $"{argument.Key}: {argument.Value}"));
            if (element.Body.Count == 0)
            {
                text.Append(arguments.Length > 0 ? $": {{{arguments}}}\n" : "\n");
                continue;
            }

            text.Append(":\n");
            if (element.Arguments.Count == 0 && ElementKind.Find(element.Kind) is { Arguments.Count: 0 })
            {
                Write(text, element.Body, depth + 2);
                continue;
            }

            foreach (var (name, value) in element.Arguments)
            {
                text.Append(' ', 2 * (depth + 2)).Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
            }

            text.Append(' ', 2 * (depth + 2)).Append(CultureInfo.InvariantCulture, $"{NetworkReader.LayersKey}:\n");
            Write(text, element.Body, depth + 3);
        }
    }
}
