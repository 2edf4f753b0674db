namespace Lcnn.Distributed.Model.Networks;

/// <summary>Shape of one sample.</summary>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Channels}x{Height}x{Width}";
}
