using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Wire;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Collectives.Wire;

/// <summary>Parcels to bytes and back, bit for bit; tensors are not copied but point into the parcel.</summary>
internal static class ParcelCodec
{
    /// <summary>Of the format of all parcels; the first byte of their metadata.</summary>
    public const byte Version = 3;

    /// <summary>Whether parcels of this kind exist.</summary>
    public static bool Knows(ParcelKind kind) => kind is >= ParcelKind.Prepared and <= ParcelKind.Robustness;

    /// <summary>Writes a parcel whose tensors lie in the processor's memory.</summary>
    public static void Write(Parcel parcel, WireWriter writer)
    {
        writer.Clear();
        writer.WriteByte(Version);
        switch (parcel)
        {
            case PreparedParcel prepared:
                writer.WriteBoolean(prepared.StopRequested);
                Write(writer, prepared.Layers, static (writer, layer) =>
                {
                    writer.WriteInt32(layer.Key);
                    layer.Value.Write(writer);
                });
                break;
            case GradientParcel gradients:
                Write(writer, gradients.Subtrees, Write);
                break;
            case ScoresParcel scores:
                Write(writer, scores.Batches, Write);
                break;
            case StateParcel state:
                Write(writer, state.Model, static (writer, tensor) => tensor.Write(writer));
                Write(writer, state.Optimizer, static (writer, tensor) => tensor.Write(writer));
                break;
            case CurvatureParcel curvature:
                Write(writer, curvature.Samples, Write);
                break;
            case NormSharesParcel shares:
                Write(writer, shares.Subtrees, Write);
                break;
            case GradientNormsParcel norms:
                Write(writer, norms.Squares, Write);
                break;
            case RobustnessParcel robustness:
                OutcomeCodec.Write(robustness.Outcome, writer);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(parcel), parcel, "no wire format");
        }
    }

    /// <summary>Reads metadata; the parcel is whole once the reader's targets are filled.</summary>
    /// <exception cref="WireFormatException">It is not a parcel of this kind.</exception>
    public static Parcel Read(ParcelKind kind, WireReader reader)
    {
        if (reader.ReadByte() is var version && version != Version)
        {
            throw new WireFormatException($"a parcel of version {version}, expected {Version}");
        }

        Parcel parcel = kind switch
        {
            ParcelKind.Prepared or ParcelKind.Evaluation =>
                new PreparedParcel(reader.ReadBoolean(), ReadList(reader, 4, static reader => ReadLayer(reader, PreparedLayer.Read))),
            ParcelKind.Gradients => new GradientParcel(ReadList(reader, 8, ReadSubtree)),
            ParcelKind.Scores => new ScoresParcel(ReadList(reader, 16, ReadScore)),
            ParcelKind.State => new StateParcel(ReadList(reader, 9, SafeTensor.Read), ReadList(reader, 9, SafeTensor.Read)),
            ParcelKind.Curvature => new CurvatureParcel(ReadList(reader, 40, ReadSample)),
            ParcelKind.NormShares => new NormSharesParcel(ReadList(reader, 8, ReadShares)),
            ParcelKind.GradientNorms => new GradientNormsParcel(ReadList(reader, 12, static reader => KeyValuePair.Create(reader.ReadInt32(), reader.ReadDouble()))),
            ParcelKind.Robustness => new RobustnessParcel(OutcomeCodec.Read(reader)),
            _ => throw new WireFormatException($"a parcel of kind {kind}"),
        };
        reader.End();
        return parcel;
    }

    private static void Write(WireWriter writer, KeyValuePair<TreeNode, SubtreeSum> subtree)
    {
        var (node, (layers, terms)) = subtree;
        writer.WriteInt32(node.Level);
        writer.WriteInt32(node.Index);
        writer.WriteDouble(terms.CrossEntropy);
        writer.WriteDouble(terms.GradientNorm);
        writer.WriteInt32(terms.Correct);
        writer.WriteInt32(terms.Samples);
        Write(writer, layers, static (writer, layer) =>
        {
            writer.WriteInt32(layer.Key);
            layer.Value.Write(writer);
        });
    }

    private static KeyValuePair<TreeNode, SubtreeSum> ReadSubtree(WireReader reader)
    {
        var node = new TreeNode(reader.ReadInt32(), reader.ReadInt32());
        var terms = new BatchTerms(reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt32(), reader.ReadInt32());
        return KeyValuePair.Create(node, new SubtreeSum(ReadList(reader, 4, static reader => ReadLayer(reader, LayerGradient.Read)), terms));
    }

    private static void Write(WireWriter writer, KeyValuePair<TreeNode, NormShare[]> subtree)
    {
        writer.WriteInt32(subtree.Key.Level);
        writer.WriteInt32(subtree.Key.Index);
        Write(writer, subtree.Value, static (writer, share) => share.Write(writer));
    }

    private static KeyValuePair<TreeNode, NormShare[]> ReadShares(WireReader reader) =>
        KeyValuePair.Create(new TreeNode(reader.ReadInt32(), reader.ReadInt32()), ReadList(reader, 5, NormShare.Read));

    private static void Write(WireWriter writer, KeyValuePair<int, double> square)
    {
        writer.WriteInt32(square.Key);
        writer.WriteDouble(square.Value);
    }

    private static void Write(WireWriter writer, BatchScore score)
    {
        writer.WriteDouble(score.LossSum);
        writer.WriteInt32(score.Correct);
        writer.WriteInt32(score.Samples);
    }

    private static BatchScore ReadScore(WireReader reader) => new(reader.ReadDouble(), reader.ReadInt32(), reader.ReadInt32());

    private static void Write(WireWriter writer, SampleCurvature sample)
    {
        writer.WriteDouble(sample.Curvature);
        writer.WriteDouble(sample.HessianNorm);
        writer.WriteDouble(sample.GradientNorm);
        writer.WriteDouble(sample.RayleighHessianNorm);
        writer.WriteDouble(sample.RayleighCurvature);
    }

    private static SampleCurvature ReadSample(WireReader reader) =>
        new(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());

    private static KeyValuePair<int, T> ReadLayer<T>(WireReader reader, Func<WireReader, T> read) =>
        KeyValuePair.Create(reader.ReadInt32(), read(reader));

    internal static void Write<T>(WireWriter writer, IReadOnlyList<T> items, Action<WireWriter, T> write)
    {
        writer.WriteInt32(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            write(writer, items[i]);
        }
    }

    internal static T[] ReadList<T>(WireReader reader, int bytesEach, Func<WireReader, T> read)
    {
        var items = new T[reader.ReadCount(bytesEach)];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read(reader);
        }

        return items;
    }
}
