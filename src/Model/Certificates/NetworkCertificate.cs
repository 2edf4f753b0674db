using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Certificates;

/// <summary>Bounds that hold for a network in evaluation, over all images, from its weights alone.</summary>
/// <remarks>
/// What they are of: the network with its running statistics, its float32 weights taken as exact numbers, exact softplus, in real arithmetic; every
/// rounding of the bounds themselves goes up. What they are not of: float32 inference, whose errors come on top, and libtorch's softplus, which is
/// linear above beta x = 20, where its slope jumps by about 2e-9.
/// </remarks>
public sealed class NetworkCertificate
{
    private readonly double[,] _apart; // of two classes: the norm of the difference of their rows of the last layer, or of two unit vectors
    private readonly Smoothness _before; // of what those rows multiply
    private readonly Smoothness _centered; // of the logits less their mean: all that the cross-entropy sees

    private NetworkCertificate(NetworkSmoothness smoothness, double[,] apart, Smoothness before, Smoothness centered)
    {
        (_apart, _before, _centered) = (apart, before, centered);
        (Logits, Shares, Obstacle) = (smoothness.Logits, smoothness.Shares(), smoothness.Obstacle);
    }

    /// <summary>Of all logits together.</summary>
    public Smoothness Logits { get; }

    /// <summary>What each use of an activation adds to the bound on curvature, in forward order.</summary>
    public IReadOnlyList<ActivationShare> Shares { get; }

    /// <summary>The activation that adds most; null where there is none.</summary>
    public ActivationShare? Loosest => Shares.Count == 0 ? null : Shares.MaxBy(share => share.Curvature);

    /// <summary>Why there is no bound on curvature, as in "ReLU after layer 'x' has no second derivative"; null where there is one. The Lipschitz bounds hold all the same.</summary>
    public string? Obstacle { get; }

    /// <summary>Bound on the Hessian of the cross-entropy by the image, whatever the label: L^2 / 2 + sqrt(2) M of the centered logits.</summary>
    public double LossHessian => Upward.Plus(Upward.Times(0.5, Upward.Times(_centered.Lipschitz, _centered.Lipschitz)), Upward.Times(Upward.Root(2), _centered.JacobianLipschitz));

    /// <summary>Bound on the gradient of the cross-entropy: sqrt(2) L.</summary>
    public double LossGradient => Upward.Times(Upward.Root(2), _centered.Lipschitz);

    /// <summary>Bounds a network.</summary>
    /// <param name="layers">Evaluation parameters of every layer, with running statistics.</param>
    /// <param name="advanced">Told of every convolution that is bounded, which takes seconds where it is wide; what it throws ends the work.</param>
    /// <exception cref="ArgumentException">A weight is not finite.</exception>
    public static NetworkCertificate Of(Network network, IReadOnlyList<PreparedLayer> layers, Action? advanced = null) => LibtorchException.In("the certificate", () =>
    {
        using var scope = NewDisposeScope();
        var gains = new CertifiedGains(layers, advanced);
        var smoothness = NetworkSmoothness.Of(network, gains);
        if (!double.IsFinite(smoothness.Logits.Lipschitz))
        {
            throw new ArgumentException("no certificate: the network's Lipschitz bound is not finite, so that its weights are not either or overflow; train with a lower learning rate", nameof(layers));
        }

        return smoothness.Head is var (layer, input) ? OfHead(smoothness, gains.Weight(layer), input) : OfLogits(smoothness, network.Classes);
    });

    /// <summary>Bounds on the difference of two logits; L bounds its gradient, M its Hessian.</summary>
    public Smoothness LogitDifference(int first, int second) => _before.Through(new AffineGain(_apart[first, second], _apart[first, second], double.PositiveInfinity));

    /// <summary>Bound on the curvature of the cross-entropy at an image, ||H|| / ||g||: certified for that image alone, as its gradient is measured there.</summary>
    /// <param name="gradientNorm">Of the cross-entropy by the image.</param>
    public double CurvatureAt(double gradientNorm) => Upward.Times(LossHessian, Upward.Reciprocal(gradientNorm));

    private static NetworkCertificate OfHead(NetworkSmoothness smoothness, Tensor weight_KI, Smoothness input)
    {
        var classes = (int)weight_KI.shape[0];
        var apart = new double[classes, classes];
        for (var first = 0; first < classes; first++)
        {
            // Rounded differences are off by u times the two rows.
            using var scope = NewDisposeScope();
            var row = weight_KI.narrow(0, first, 1);
            var (difference, size) = (weight_KI - row, weight_KI.abs().Plus(row.abs()));
            var (squares, sizes) = ((difference * difference).sum([1L]).ReadDoubles(), (size * size).sum([1L]).ReadDoubles());
            for (var second = 0; second < classes; second++)
            {
                apart[first, second] = first == second ? 0 : Upward.Plus(
                    Upward.Root(Upward.Sum(squares[second], weight_KI.shape[1])),
                    Upward.Times(4 * Upward.Roundoff, Upward.Root(Upward.Sum(sizes[second], weight_KI.shape[1]))));
            }
        }

        // The mean of K rows is off by some K u times them.
        var centered = weight_KI - weight_KI.mean([0L], keepdim: true);
        var norm = Upward.Plus(GramIteration.Upper(centered.unsqueeze(0)), Upward.Times(4 * (classes + 2) * Upward.Roundoff, RowNorms.Frobenius(weight_KI)));
        return new NetworkCertificate(smoothness, apart, input, input.Through(new AffineGain(norm, norm, double.PositiveInfinity)));
    }

    private static NetworkCertificate OfLogits(NetworkSmoothness smoothness, int classes)
    {
        var apart = new double[classes, classes];
        for (var first = 0; first < classes; first++)
        {
            for (var second = 0; second < classes; second++)
            {
                apart[first, second] = first == second ? 0 : Upward.Root(2);
            }
        }

        return new NetworkCertificate(smoothness, apart, smoothness.Logits, smoothness.Logits);
    }
}
