using Lcnn.Distributed.Data.Decoding;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Decodes samples on all cores, some at a time and in their order, and notes those that cannot be used.</summary>
/// <param name="options">How.</param>
/// <param name="bad">Takes those that cannot be used.</param>
/// <param name="decoded">Told how many were looked at, now and then.</param>
internal sealed class SampleDecoder(ImageOptions options, BadImages bad, IProgress<int>? decoded = null)
{
    private const int SamplesAtOnce = 1024;
    private const int BytesAtOnce = 128 << 20;

    private int _count;
    private int _largest = BytesAtOnce / 64; // until the first are decoded

    /// <summary>Decodes the samples of one part.</summary>
    /// <param name="samples">Of the part.</param>
    /// <param name="keep">Takes those that can be used, in their order.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public void Decode(IEnumerable<OwnSample> samples, Action<DecodedImage> keep, CancellationToken cancellationToken)
    {
        var (waiting, bytes) = (new List<OwnSample>(), 0L);
        foreach (var sample in samples)
        {
            waiting.Add(sample);
            bytes += sample.Bytes;
            if (waiting.Count >= Math.Clamp(BytesAtOnce / _largest, Environment.ProcessorCount, SamplesAtOnce) || bytes > BytesAtOnce)
            {
                Decode(waiting, keep, cancellationToken);
                waiting.Clear();
                bytes = 0;
            }
        }

        Decode(waiting, keep, cancellationToken);
    }

    private void Decode(List<OwnSample> samples, Action<DecodedImage> keep, CancellationToken cancellationToken)
    {
        var images = new (DecodedImage? Image, string? Problem)[samples.Count];
        Parallel.For(0, samples.Count, new ParallelOptions { CancellationToken = cancellationToken }, i => images[i] = TryDecode(samples[i]));
        _largest = Math.Max(1, images.Max(decoding => decoding.Image?.Planes_CHW.Length) ?? _largest);
        for (var i = 0; i < images.Length; i++)
        {
            if (images[i].Image is not { } image)
            {
                bad.Add(samples[i].Name, images[i].Problem!);
                continue;
            }

            bad.AddGood();
            keep(image);
        }

        _count += images.Length;
        decoded?.Report(_count);
    }

    /// <summary>The picture made grey, resized and cropped as the options say.</summary>
    public static Picture Prepare(Picture picture, ImageOptions options)
    {
        picture = options.Grayscale ? picture.ToGrey() : picture;
        return options.Size is var (height, width) && (height, width) != (picture.Height, picture.Width) ? ImageResizer.Cover(picture, height, width) : picture;
    }

    private (DecodedImage?, string?) TryDecode(OwnSample sample)
    {
        try
        {
            var picture = Prepare(sample.Read(), options);
            var planes_CHW = new byte[picture.Channels * picture.Height * picture.Width];
            picture.CopyPlanes(planes_CHW, picture.Channels);
            return (new DecodedImage(sample.Name, sample.Label, planes_CHW, picture.Channels, picture.Height, picture.Width), null);
        }
        catch (BadImageException exception)
        {
            return (null, exception.Message);
        }
    }
}
