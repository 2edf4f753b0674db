using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.UnitTests.Data;

internal static class BytesOfImages
{
    /// <summary>The same images with their bytes.</summary>
    public static ImageData AsBytes(this ILabelledImages images) => (ImageData)images;
}
