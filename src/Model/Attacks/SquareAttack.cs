using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Random search by squares that asks for nothing but logits (Andriushchenko et al. 2020): what withstands gradients for want of them falls here.</summary>
/// <remarks>Margin loss, a first square of 80 % of the image; windows may lie at every place of the image, as the paper has it.</remarks>
/// <param name="queries">After the first.</param>
internal sealed class SquareAttack(NormBall ball, int queries = 5000) : Attack
{
    /// <inheritdoc/>
    public override string Name => "square";

    /// <inheritdoc/>
    public override double MostWork => queries + 2;

    /// <summary>Whether windows may lie at the last row and column: not in autoattack's code, for comparisons with it.</summary>
    public bool ReachesEdges { get; init; } = true;

    /// <inheritdoc/>
    public override AttackOutcome Run(Classifier classifier, AttackSamples samples)
    {
        using var outer = NewDisposeScope();
        using var _ = no_grad();
        var proposals = Proposals(samples);
        var living = Enumerable.Range(0, samples.Count).ToArray();
        for (var query = -1; query < queries && living.Length > 0; query++)
        {
            using var scope = NewDisposeScope();
            var tried = Array.ConvertAll(living, row => query < 0 ? proposals[row].Begin() : proposals[row].Next(query));
            var margins = Margins(classifier.Logits(Images(tried, samples)), PerSample.Rows(samples.Labels, living));
            for (var i = 0; i < living.Length; i++)
            {
                proposals[living[i]].Tell(tried[i], margins[i]);
            }

            living = Array.FindAll(living, row => proposals[row].Margin > 0);
        }

        var best = Images(Array.ConvertAll(proposals, proposal => proposal.Best), samples);
        // A margin of 0 is a draw, which the smaller class wins.
        var isFooled = PerSample.IsFooled(classifier.Logits(best), samples.Labels);
        return new AttackOutcome(PerSample.Choose(isFooled, best, samples.Images).MoveToOuterDisposeScope(), PerSample.Read(isFooled), new bool[samples.Count]);
    }

    private SquareProposal[] Proposals(AttackSamples samples)
    {
        var s = samples.Images.shape;
        var shape = ((int)s[1], (int)s[2], (int)s[3]);
        var pixels = Array.ConvertAll(samples.Images.contiguous().ReadDoubles(), value => (float)value);
        return [.. pixels.Chunk(pixels.Length / samples.Count).Select((clean, row) =>
            SquareProposal.For(clean, shape, ball, samples.Draws(row, new AttackStream(AttackKind.Square)), ReachesEdges))];
    }

    private static Tensor Images(float[][] rows, AttackSamples samples) =>
        tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, .. samples.Images.shape[1..]]).to(samples.Images.dtype).to(samples.Images.device);

    private static double[] Margins(Tensor logits_BK, Tensor labels_B)
    {
        var (logits, labels, classes) = (logits_BK.ReadDoubles(), labels_B.ReadDoubles(), (int)logits_BK.shape[1]);
        return [.. labels.Select((label, row) =>
        {
            var others = double.NegativeInfinity;
            for (var other = 0; other < classes; other++)
            {
                others = other == (int)label ? others : Math.Max(others, logits[(row * classes) + other]);
            }

            return logits[(row * classes) + (int)label] - others;
        })];
    }
}
