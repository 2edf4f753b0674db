using System.Text;

namespace Lcnn.Distributed.Data.Parquet;

/// <summary>A struct of Thrift's compact protocol, as Parquet's footers and page headers are written, by field number.</summary>
/// <remarks>Values are long, bool, double, byte[], a list or a struct. A list holds no more than its bytes can, whatever it claims.</remarks>
internal sealed class ThriftStruct(Dictionary<int, object> fields)
{
    /// <summary>A whole number; null where the field is not there.</summary>
    public long? Number(int field) => fields.GetValueOrDefault(field) as long?;

    /// <summary>A field that must be there.</summary>
    public long Needed(int field) => Number(field) ?? throw new InvalidDataException($"field {field} is missing");

    /// <summary>A switch.</summary>
    public bool Flag(int field, bool otherwise) => fields.GetValueOrDefault(field) as bool? ?? otherwise;

    /// <summary>A text, empty where the field is not there.</summary>
    public string Text(int field) => fields.GetValueOrDefault(field) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : "";

    /// <summary>A nested struct.</summary>
    public ThriftStruct? Struct(int field) => fields.GetValueOrDefault(field) as ThriftStruct;

    /// <summary>The structs of a list.</summary>
    public IReadOnlyList<ThriftStruct> Structs(int field) => fields.GetValueOrDefault(field) is List<object> list ? [.. list.OfType<ThriftStruct>()] : [];

    /// <summary>The texts of a list.</summary>
    public IReadOnlyList<string> Texts(int field) => fields.GetValueOrDefault(field) is List<object> list ? [.. list.OfType<byte[]>().Select(Encoding.UTF8.GetString)] : [];
}
