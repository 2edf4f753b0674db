namespace Lcnn.Distributed.Data.Decoding;

/// <summary>A decoded image: 8 bits a value, the channels of a pixel side by side (HWC).</summary>
/// <param name="Pixels_HWC">Height times width times channels values; may be longer.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">1 grey, 3 red, green and blue.</param>
internal sealed record Picture(byte[] Pixels_HWC, int Height, int Width, int Channels)
{
    // Of ITU-R 601-2 in 16 bits, as Pillow has them; they add up to 65536.
    private const int RedWeight = 19595;
    private const int GreenWeight = 38470;
    private const int BlueWeight = 7471;

    /// <summary>The same picture in one channel.</summary>
    public Picture ToGrey()
    {
        if (Channels == 1)
        {
            return this;
        }

        var grey = new byte[Height * Width];
        for (var i = 0; i < grey.Length; i++)
        {
            grey[i] = (byte)(((Pixels_HWC[3 * i] * RedWeight) + (Pixels_HWC[(3 * i) + 1] * GreenWeight) + (Pixels_HWC[(3 * i) + 2] * BlueWeight) + 0x8000) >> 16);
        }

        return new Picture(grey, Height, Width, 1);
    }

    /// <summary>Writes the picture plane by plane (CHW); a grey one fills as many channels as are asked for.</summary>
    public void CopyPlanes(Span<byte> destination_CHW, int channels)
    {
        var plane = Height * Width;
        for (var channel = 0; channel < channels; channel++)
        {
            var target_HW = destination_CHW.Slice(channel * plane, plane);
            var first = Channels == 1 ? 0 : channel;
            for (var i = 0; i < target_HW.Length; i++)
            {
                target_HW[i] = Pixels_HWC[(i * Channels) + first];
            }
        }
    }
}
