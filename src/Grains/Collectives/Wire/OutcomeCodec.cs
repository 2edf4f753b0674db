using Lcnn.Distributed.Data.Wire;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Robustness;
using Lcnn.Distributed.Model.Stability;

namespace Lcnn.Distributed.Grains.Collectives.Wire;

/// <summary>What came of a part of the robustness measurement, to bytes and back, bit for bit.</summary>
internal static class OutcomeCodec
{
    private const int BytesOfAttack = 19; // without the name
    private const int BytesOfCertificate = 49;
    private const int BytesOfStability = 32;

    public static void Write(RobustnessOutcome outcome, WireWriter writer)
    {
        writer.WriteByte((byte)outcome.Part.Kind);
        writer.WriteInt32(outcome.Part.Number);
        writer.WriteInt32(outcome.Part.Batch);
        ParcelCodec.Write(writer, outcome.Attacks, static (writer, samples) => ParcelCodec.Write(writer, samples, Write));
        ParcelCodec.Write(writer, outcome.Certificates, Write);
        ParcelCodec.Write(writer, outcome.Noise, Write);
        ParcelCodec.Write(writer, outcome.Flags, static (writer, flag) => writer.WriteText(flag));
    }

    /// <exception cref="WireFormatException">It is none.</exception>
    public static RobustnessOutcome Read(WireReader reader)
    {
        var kind = (RobustnessKind)reader.ReadByte();
        if (!Enum.IsDefined(kind))
        {
            throw new WireFormatException($"a measure of kind {kind}");
        }

        return new RobustnessOutcome(new RobustnessPart(kind, reader.ReadInt32(), reader.ReadInt32()))
        {
            Attacks = ParcelCodec.ReadList(reader, sizeof(int), static reader => ParcelCodec.ReadList(reader, BytesOfAttack, ReadAttack)),
            Certificates = ParcelCodec.ReadList(reader, BytesOfCertificate, ReadCertificate),
            Noise = ParcelCodec.ReadList(reader, BytesOfStability, ReadStability),
            Flags = ParcelCodec.ReadList(reader, sizeof(int), static reader => reader.ReadText()),
        };
    }

    private static void Write(WireWriter writer, SampleAttack sample)
    {
        writer.WriteBoolean(sample.IsCorrect);
        writer.WriteBoolean(sample.FooledBy is not null);
        if (sample.FooledBy is { } attack)
        {
            writer.WriteText(attack);
        }

        writer.WriteDouble(sample.L2);
        writer.WriteDouble(sample.Linf);
        writer.WriteBoolean(sample.HadNoGradient);
    }

    private static SampleAttack ReadAttack(WireReader reader) =>
        new(reader.ReadBoolean(), reader.ReadBoolean() ? reader.ReadText() : null, reader.ReadDouble(), reader.ReadDouble(), reader.ReadBoolean());

    private static void Write(WireWriter writer, SampleCertificate sample)
    {
        writer.WriteBoolean(sample.IsCorrect);
        writer.WriteDouble(sample.Radius);
        writer.WriteDouble(sample.CurvatureRadius);
        writer.WriteDouble(sample.LipschitzRadius);
        writer.WriteDouble(sample.AttackRadius);
        writer.WriteDouble(sample.GradientNorm);
        writer.WriteDouble(sample.CurvatureBound);
    }

    private static SampleCertificate ReadCertificate(WireReader reader) => new(
        reader.ReadBoolean(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());

    private static void Write(WireWriter writer, SampleStability sample)
    {
        writer.WriteDouble(sample.RelativeChange);
        writer.WriteDouble(sample.Cosine);
        writer.WriteDouble(sample.TopOverlap);
        writer.WriteDouble(sample.MaxSensitivity);
    }

    private static SampleStability ReadStability(WireReader reader) => new(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
}
