using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>The parameters of one trial, in the order of the sweep; equal when names, values and order are. In JSON an object.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.ParameterSet"), JsonConverter(typeof(Converter))]
public sealed class ParameterSet : IReadOnlyCollection<KeyValuePair<string, OptionValue>>, IEquatable<ParameterSet>
{
    [Id(0)] private readonly KeyValuePair<string, OptionValue>[] _items;

    /// <summary>The parameters in this order.</summary>
    public ParameterSet(IEnumerable<KeyValuePair<string, OptionValue>> items) => _items = [.. items];

    /// <summary>No parameters: the base spec as it is.</summary>
    public static ParameterSet Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <summary>The value of a parameter; null where it is no part of the trial.</summary>
    public OptionValue? this[string name] => Array.Find(_items, item => item.Key == name).Value;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, OptionValue>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, OptionValue>>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(ParameterSet? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ParameterSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _items.Aggregate(_items.Length, HashCode.Combine);

    /// <summary>Such as "lr=0.1, batchSize=64".</summary>
    public override string ToString() => string.Join(", ", _items.Select(item => $"{item.Key}={item.Value}"));

    private sealed class Converter : JsonConverter<ParameterSet>
    {
        public override ParameterSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var items = new List<KeyValuePair<string, OptionValue>>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                items.Add(new(name, JsonSerializer.Deserialize<OptionValue>(ref reader, options) ?? throw new JsonException($"{name}: expected a value, got null")));
            }

            return new ParameterSet(items);
        }

        public override void Write(Utf8JsonWriter writer, ParameterSet value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, item) in value)
            {
                writer.WritePropertyName(name);
                JsonSerializer.Serialize(writer, item, options);
            }

            writer.WriteEndObject();
        }
    }
}
