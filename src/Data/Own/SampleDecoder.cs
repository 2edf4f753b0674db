using Lcnn.Distributed.Data.Decoding;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Decodes samples on all cores, some at a time and in their order, and notes those that cannot be used.</summary>
internal sealed class SampleDecoder(string path, ImageOptions options, BadImages bad)
{
    private const int SamplesAtOnce = 1024;
    private const int BytesAtOnce = 128 << 20;

    private long _bytes;

    /// <summary>The samples of one part that can be used.</summary>
    /// <exception cref="DataFileException">The source is damaged, or holds more than memory can address.</exception>
    public DecodedPart Decode(IEnumerable<OwnSample> samples, CancellationToken cancellationToken)
    {
        var (part, waiting, bytes) = (new DecodedPart(), new List<OwnSample>(), 0L);
        foreach (var sample in samples)
        {
            waiting.Add(sample);
            bytes += sample.Bytes;
            if (waiting.Count == SamplesAtOnce || bytes > BytesAtOnce)
            {
                Decode(waiting, part, cancellationToken);
                waiting.Clear();
                bytes = 0;
            }
        }

        Decode(waiting, part, cancellationToken);
        return part;
    }

    private void Decode(List<OwnSample> samples, DecodedPart part, CancellationToken cancellationToken)
    {
        var decoded = new (DecodedImage? Image, string? Problem)[samples.Count];
        Parallel.For(0, samples.Count, new ParallelOptions { CancellationToken = cancellationToken }, i => decoded[i] = TryDecode(samples[i]));
        for (var i = 0; i < decoded.Length; i++)
        {
            if (decoded[i].Image is not { } image)
            {
                bad.Add(samples[i].Name, decoded[i].Problem!);
                continue;
            }

            bad.AddGood();
            part.Add(image);
            _bytes += image.Planes_CHW.Length;
        }

        if (_bytes > Array.MaxLength)
        {
            throw new DataFileException(
                path, $"at most {Array.MaxLength} bytes of decoded images", "more", "Make them smaller with --image-size, or use fewer");
        }
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
