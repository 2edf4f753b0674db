using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>A value as a plain JSON scalar. A number keeps a point or an exponent, so that it is read back as one and not as a whole number.</summary>
internal sealed class OptionValueConverter : JsonConverter<OptionValue>
{
    public override OptionValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => OptionValue.FromString(reader.GetString()!),
        JsonTokenType.True or JsonTokenType.False => OptionValue.FromBoolean(reader.GetBoolean()),
        JsonTokenType.Number => ReadNumber(ref reader),
        _ => throw new JsonException($"expected a text, a number or a switch, got {reader.TokenType}"),
    };

    public override void Write(Utf8JsonWriter writer, OptionValue value, JsonSerializerOptions options)
    {
        if (value.Text is { } text)
        {
            writer.WriteStringValue(text);
        }
        else if (value.Whole is { } whole)
        {
            writer.WriteNumberValue(whole);
        }
        else if (value.Flag is { } flag)
        {
            writer.WriteBooleanValue(flag);
        }
        else if (value.Number is { } number && double.IsFinite(number))
        {
            var digits = number.ToString("R", CultureInfo.InvariantCulture);
            writer.WriteRawValue(digits.AsSpan().ContainsAny('.', 'E') ? digits : digits + ".0");
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static OptionValue ReadNumber(ref Utf8JsonReader reader) =>
        !reader.ValueSpan.ContainsAny((byte)'.', (byte)'e', (byte)'E') && reader.TryGetInt64(out var whole)
            ? OptionValue.FromInt64(whole)
            : OptionValue.FromDouble(reader.GetDouble());
}
