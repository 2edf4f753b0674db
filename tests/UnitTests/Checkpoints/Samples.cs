using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

internal static class Samples
{
    public static SafeTensor[] Tensors(float first = 1) =>
    [
        SafeTensor.Create<float>("0.0.conv.weight", [first, -2.5f, 3, float.NaN, 0, -0f], 2, 3),
        SafeTensor.Create<float>("0.0.log_lipschitz", [0.25f]),
        SafeTensor.Create<long>("0.0.bn.num_batches_tracked", [7L]),
        SafeTensor.Create<double>("empty", [], 0, 4),
    ];

    public static SnapshotContent Content(long step, int generation = 1, float weight = 1) => new(
        step, Epoch: 2, generation, Tensors(weight), [SafeTensor.Create<float>("0.0.conv.weight.momentum", [weight, 1, 2, 3, 4, 5], 2, 3)],
        new JsonObject
        {
            ["spec"] = new JsonObject { ["architecture"] = "resnet8-lcnn", ["seed"] = 17 },
            ["samplerPosition"] = step * 128,
            ["metrics"] = new JsonArray(0.5, 0.25, null),
        });

    public static byte[] Bytes(params SafeTensor[] tensors)
    {
        using var stream = new MemoryStream();
        SafeTensorsFile.Write(stream, tensors);
        return stream.ToArray();
    }

    /// <summary>A file with any header, however wrong.</summary>
    public static byte[] Raw(string header, int dataBytes = 0)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[sizeof(ulong) + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, sizeof(ulong));
        return bytes;
    }

    public static SafeTensorsFile Read(byte[] bytes) => SafeTensorsFile.Read(new MemoryStream(bytes), "bytes");
}
