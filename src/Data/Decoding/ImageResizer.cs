namespace Lcnn.Distributed.Data.Decoding;

/// <summary>Resizes a picture so that it covers a size, and cuts out the centre: torchvision's Resize of the shorter side and CenterCrop, in integers.</summary>
internal static class ImageResizer
{
    private const int Half = 1 << (ResamplingWeights.Bits - 1);

    /// <summary>The picture at the given height and width.</summary>
    public static Picture Cover(Picture picture, int height, int width)
    {
        var (resizedHeight, resizedWidth) = CoveringSize(picture, height, width);
        var columns = ResamplingWeights.Of(picture.Width, resizedWidth, CropStart(resizedWidth, width), width);
        var rows = ResamplingWeights.Of(picture.Height, resizedHeight, CropStart(resizedHeight, height), height);
        return Vertical(Horizontal(picture, columns, rows.Begin, rows.End), rows, rows.Begin);
    }

    // The shorter side, measured by what is wanted, fits; the other one is cut off to whole pixels, as torchvision does.
    private static (long Height, long Width) CoveringSize(Picture picture, int height, int width) =>
        (long)picture.Height * width >= (long)picture.Width * height
            ? ((long)picture.Height * width / picture.Width, width)
            : (height, (long)picture.Width * height / picture.Height);

    // Halves go to the even number, as Python rounds.
    private static long CropStart(long resized, int wanted) => (long)Math.Round((resized - wanted) / 2.0, MidpointRounding.ToEven);

    private static Picture Horizontal(Picture picture, ResamplingWeights columns, int begin, int end)
    {
        var (channels, stride) = (picture.Channels, picture.Width * picture.Channels);
        var result = new byte[(end - begin) * columns.Count * channels];
        for (var x = 0; x < columns.Count; x++)
        {
            var (first, weights) = columns[x];
            for (var y = begin; y < end; y++)
            {
                for (var channel = 0; channel < channels; channel++)
                {
                    var (sum, source) = (Half, (y * stride) + (first * channels) + channel);
                    foreach (var weight in weights)
                    {
                        sum += picture.Pixels_HWC[source] * weight;
                        source += channels;
                    }

                    result[((((y - begin) * columns.Count) + x) * channels) + channel] = Clip(sum);
                }
            }
        }

        return new Picture(result, end - begin, columns.Count, channels);
    }

    private static Picture Vertical(Picture picture, ResamplingWeights rows, int begin)
    {
        var stride = picture.Width * picture.Channels;
        var result = new byte[rows.Count * stride];
        for (var y = 0; y < rows.Count; y++)
        {
            var (first, weights) = rows[y];
            for (var x = 0; x < stride; x++)
            {
                var (sum, source) = (Half, ((first - begin) * stride) + x);
                foreach (var weight in weights)
                {
                    sum += picture.Pixels_HWC[source] * weight;
                    source += stride;
                }

                result[(y * stride) + x] = Clip(sum);
            }
        }

        return new Picture(result, rows.Count, picture.Width, picture.Channels);
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> ResamplingWeights.Bits, byte.MinValue, byte.MaxValue);
}
