using CsCheck;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Wire;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Robustness;
using Lcnn.Distributed.Model.Stability;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.Model.Wire;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

[Collection(nameof(TensorCount))]
public sealed class ParcelCodecTests
{
    // The tensor and its handle, shape and strides of both sides, and the parcel's own few objects.
    private const long BytesOfAParcel = 1000;

    private static readonly Gen<double> _anyDouble = Gen.Long.Select(BitConverter.Int64BitsToDouble);

    [Fact]
    public void RoundTrip_Scores_FollowsTheFrozenFormat()
    {
        var (metadata, segments) = Wired.ToBytes(new ScoresParcel([new BatchScore(1.5, 3, 4)]));

        Assert.Equal("03" + "01000000" + "000000000000F83F" + "03000000" + "04000000", Convert.ToHexString(metadata));
        Assert.Empty(segments);
    }

    [Fact]
    public void RoundTrip_AnyScores_KeepsEveryBit() =>
        Gen.Select(_anyDouble, Gen.Int, Gen.Int).List[0, 20].Sample(scores =>
        {
            Wired.RoundTrip(ParcelKind.Scores, new ScoresParcel([.. scores.Select(score => new BatchScore(score.Item1, score.Item2, score.Item3))]));
        });

    [Fact]
    public void RoundTrip_AnyCurvature_KeepsEveryBit() =>
        Gen.Select(_anyDouble, _anyDouble, _anyDouble, _anyDouble, _anyDouble).List[0, 20].Sample(samples =>
        {
            Wired.RoundTrip(ParcelKind.Curvature, new CurvatureParcel(
                [.. samples.Select(sample => new SampleCurvature(sample.Item1, sample.Item2, sample.Item3, sample.Item4, sample.Item5))]));
        });

    [Fact]
    public void RoundTrip_AnyNormShares_KeepsEveryBit() =>
        Gen.Select(Gen.Int[0, 3], _anyDouble.Array[1, 9], _anyDouble.Array[0, 20]).Sample(drawn =>
        {
            var (level, statistics, sums) = drawn;
            Wired.RoundTrip(ParcelKind.NormShares, new NormSharesParcel([KeyValuePair.Create(
                new TreeNode(level, 1), new[] { NormShare.Of(BatchStatistics.Of(4, statistics, statistics)), NormShare.Of(sums) })]));
        });

    [Fact]
    public void RoundTrip_AnyGradientNorms_KeepsEveryBit() =>
        Gen.Select(Gen.Int, _anyDouble).List[0, 20].Sample(squares =>
        {
            Wired.RoundTrip(ParcelKind.GradientNorms, new GradientNormsParcel([.. squares.Select(square => KeyValuePair.Create(square.Item1, square.Item2))]));
        });

    [Fact]
    public void RoundTrip_AnyRobustness_KeepsEveryBit() =>
        Gen.Select(Gen.Enum<RobustnessKind>(), Gen.Int, _anyDouble.Array[0, 6], Gen.Bool, Gen.String).Sample(drawn =>
        {
            var (kind, number, values, flag, text) = drawn;
            Wired.RoundTrip(ParcelKind.Robustness, new RobustnessParcel(new RobustnessOutcome(new RobustnessPart(kind, number, 3))
            {
                Attacks = [[.. values.Select(value => new SampleAttack(flag, flag ? "pgd-l2" : null, value, 2, !flag))], []],
                Certificates = [.. values.Select(value => new SampleCertificate(flag, value, 1, 2, 3, 4, 5))],
                Noise = [.. values.Select(value => new SampleStability(value, 1, 2, 3))],
                Flags = ["a", "\u00e9"],
            }));
        });

    [Fact]
    public void Read_RobustnessThatIsNone_IsRefused()
    {
        var outcome = new RobustnessOutcome(new RobustnessPart(RobustnessKind.Attack, 0, 1)) { Attacks = [[new SampleAttack(true, "fgsm", 0.5, 0.1, false)]], Flags = ["a flag"] };
        var (metadata, _) = Wired.ToBytes(new RobustnessParcel(outcome));

        for (var length = 0; length < metadata.Length; length++)
        {
            Assert.Throws<WireFormatException>(() => Wired.FromBytes(ParcelKind.Robustness, metadata[..length], []));
        }

        Assert.Throws<WireFormatException>(() => Wired.FromBytes(ParcelKind.Robustness, [.. metadata, 0], []));
        metadata[1] = 3;
        Assert.Contains("a measure of kind 3", Assert.Throws<WireFormatException>(() => Wired.FromBytes(ParcelKind.Robustness, metadata, [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RoundTrip_AnyState_KeepsNamesShapesAndBytes() =>
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 40], Gen.Long[0, 4].Array[0, 4], Gen.Byte).List[0, 6].Sample(drawn =>
        {
            var tensors = drawn.Select(one => new SafeTensor(
                one.Item1, ElementType.I16, one.Item2, Enumerable.Repeat(one.Item3, (int)one.Item2.Aggregate(2L, (product, size) => product * size)).ToArray())).ToList();

            var copy = (StateParcel)Wired.RoundTrip(ParcelKind.State, new StateParcel(tensors, []));

            Assert.Equal(tensors.Select(tensor => tensor.Name), copy.Model.Select(tensor => tensor.Name));
            Assert.All(tensors.Zip(copy.Model), pair => Assert.True(pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span)));
        });

    [Fact]
    public void RoundTrip_AnyGradients_KeepsEveryBitAndLeavesNoTensor()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;

        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 300], _anyDouble.Array[1, 9], _anyDouble, Gen.Bool, Gen.Bool).Sample(drawn =>
        {
            var (level, count, statistics, term, isExtended, hasStatistics) = drawn;
            var flat = isExtended ? arange(count, dtype: ScalarType.Float64) : arange(count, dtype: ScalarType.Float32);
            var bucket = new LayerGradient([flat], hasStatistics ? BatchStatistics.Of(4, statistics, statistics) : null);
            using var parcel = new GradientParcel([KeyValuePair.Create(
                new TreeNode(level, 5), new SubtreeSum([KeyValuePair.Create(7, bucket)], new BatchTerms(term, 2, 3, 4)))]);

            using var copy = (GradientParcel)Wired.RoundTrip(ParcelKind.Gradients, parcel);

            Assert.Equal(parcel.Subtrees[0].Key, copy.Subtrees[0].Key);
            Assert.Equal(0, copy.Subtrees[0].Value.Layers[0].Value.OfParameters[0].storage_offset());
        }, iter: 50, threads: 1);

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void RoundTrip_AgainAndAgain_AllocatesLittleWhateverThePayload()
    {
        var (small, large) = (BytesOfAnExchange(numbers: 16), BytesOfAnExchange(numbers: 1 << 20));

        TestContext.Current.TestOutputHelper?.WriteLine($"{small} and {large} managed bytes a parcel");
        Assert.InRange(small, 0, BytesOfAParcel);
        Assert.InRange(large, 0, BytesOfAParcel);
    }

    // Managed bytes of this thread for one bucket written and read.
    private static long BytesOfAnExchange(int numbers)
    {
        const int WarmUps = 50;
        const int Rounds = 200;
        var (writer, reader) = (new WireWriter(), new WireReader());
        using var parcel = new GradientParcel([KeyValuePair.Create(
            TreeNode.Leaf(0), new SubtreeSum([KeyValuePair.Create(7, new LayerGradient([zeros(numbers)], null))], default))]);
        var before = 0L;
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            before = round == WarmUps ? GC.GetAllocatedBytesForCurrentThread() : before;
            ParcelCodec.Write(parcel, writer);
            reader.Begin(writer.Metadata, writer.SegmentLength);
            using var copy = ParcelCodec.Read(ParcelKind.Gradients, reader);
            reader.Complete();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RoundTrip_LayersOfANetwork_KeepsBitsAndLayoutInFreshAlignedMemory(bool evaluates)
    {
        var network = SmallNetwork.Build();
        using var owned = new OwnedLayers(network, Enumerable.Range(0, network.Layers.Count), seed: 1);
        var (kind, layers) = evaluates ? (ParcelKind.Evaluation, owned.Evaluate()) : (ParcelKind.Prepared, owned.Prepare([.. owned.Indices]));
        using var parcel = new PreparedParcel(true, layers);

        using var copy = (PreparedParcel)Wired.RoundTrip(kind, parcel);

        Assert.True(copy.StopRequested);
        Assert.Contains(parcel.Layers, layer => layer.Value.Effective.Any(t => !t.is_contiguous()));
        foreach (var (expected, got) in parcel.Layers.Zip(copy.Layers))
        {
            Assert.Equal((expected.Key, expected.Value.Penalty), (got.Key, got.Value.Penalty));
            foreach (var (t, u) in expected.Value.Effective.Zip(got.Value.Effective))
            {
                Assert.Equal((t.dtype, 0L), (u.dtype, u.storage_offset()));
                Assert.Equal(t.shape, u.shape);
                Assert.Equal(t.stride(), u.stride());
                Assert.Equal(TensorLayout.ToBytes(t), TensorLayout.ToBytes(u));
            }
        }
    }

    [Fact]
    public void Read_MetadataCutShortAnywhere_IsRefusedAndLeavesNoTensor()
    {
        var network = SmallNetwork.Build();
        using var owned = new OwnedLayers(network, [0, 1], seed: 1);
        using var parcel = new PreparedParcel(false, owned.Evaluate());
        var (metadata, segments) = Wired.ToBytes(parcel);
        var before = Tensor.TotalCount;

        for (var length = 0; length < metadata.Length; length++)
        {
            Assert.Throws<WireFormatException>(() => Wired.FromBytes(ParcelKind.Evaluation, metadata[..length], segments));
        }

        Assert.Throws<WireFormatException>(() => Wired.FromBytes(ParcelKind.Evaluation, [.. metadata, 0], segments));
        Assert.Throws<WireFormatException>(() => Wired.FromBytes(ParcelKind.Evaluation, metadata, segments[1..]));
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [InlineData(2, 3, 3, 1, true)]
    [InlineData(2, 3, 1, 2, true)]
    [InlineData(1, 3, 999, 1, true)]
    [InlineData(2, 3, 4, 1, false)]
    [InlineData(2, 3, 1, 1, false)]
    [InlineData(2, 3, 0, 1, false)]
    public void Read_StridesThatLeaveTheMemory_AreRefused(long rows, long columns, long rowStride, long columnStride, bool isDense)
    {
        var writer = new WireWriter();
        writer.WriteByte(1);
        writer.WriteByte(2);
        foreach (var number in new[] { rows, columns, rowStride, columnStride })
        {
            writer.WriteInt64(number);
        }

        var reader = new WireReader();
        reader.Begin(writer.Metadata, rows * columns * sizeof(float));

        if (isDense)
        {
            using var t = TensorWire.Read(reader);
            Assert.Equal([rowStride, columnStride], t.stride());
        }
        else
        {
            Assert.Throws<WireFormatException>(() => TensorWire.Read(reader));
        }
    }
}
