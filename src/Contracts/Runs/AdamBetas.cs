using System.Globalization;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The decays of AdamW's two means, as <see cref="RunSpec.Betas"/> writes them: 0.9,0.999.</summary>
/// <param name="First">Of the gradients, from 0 to below 1.</param>
/// <param name="Second">Of their squares, from 0 to below 1.</param>
public readonly record struct AdamBetas(double First, double Second)
{
    /// <summary>torch.optim.AdamW's.</summary>
    public const string Default = "0.9,0.999";

    /// <summary>Reads two numbers and a comma between them.</summary>
    public static bool TryParse(string? text, out AdamBetas betas)
    {
        betas = default;
        if (text?.Split(',') is not [var first, var second] || !TryParseOne(first, out var ofGradients) || !TryParseOne(second, out var ofSquares))
        {
            return false;
        }

        betas = new AdamBetas(ofGradients, ofSquares);
        return true;
    }

    /// <summary>Reads what <see cref="RunSpec.Validate()"/> has accepted.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static AdamBetas Parse(string text) =>
        TryParse(text, out var betas) ? betas : throw new FormatException($"expected two numbers from 0 to below 1 such as {Default}, got '{text}'");

    private static bool TryParseOne(string text, out double decay) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decay) && decay is >= 0 and < 1;
}
