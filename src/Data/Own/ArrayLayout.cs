namespace Lcnn.Distributed.Data.Own;

/// <summary>How the images of an array lie in memory: sizes, and how many elements apart neighbours are.</summary>
internal sealed record ArrayLayout(int Count, int Height, int Width, int Channels, long SampleStride, long RowStride, long ColumnStride, long ChannelStride)
{
    /// <summary>Places the elements of a sample side by side, row after row, the channels of a pixel together (HWC).</summary>
    /// <param name="sample">Which one.</param>
    /// <param name="copy">Takes an element's place in the array and in the sample.</param>
    public void Visit(int sample, Action<long, int> copy)
    {
        var target = 0;
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                for (var channel = 0; channel < Channels; channel++)
                {
                    copy((sample * SampleStride) + (y * RowStride) + (x * ColumnStride) + (channel * ChannelStride), target++);
                }
            }
        }
    }

    /// <summary>The layout of [N, H, W], [N, H, W, C] or [N, C, H, W] with 1 or 3 channels; null for other shapes. Channels are looked for at the end first.</summary>
    public static ArrayLayout? Of(IReadOnlyList<long> shape, bool isFortranOrder)
    {
        var (isStack, isLast) = (shape.Count == 3, shape.Count == 4 && shape[3] is 1 or 3);
        if (!isStack && (shape.Count != 4 || (!isLast && shape[1] is not (1 or 3))))
        {
            return null;
        }

        var strides = new long[shape.Count];
        var stride = 1L;
        for (var i = 0; i < shape.Count; i++)
        {
            var axis = isFortranOrder ? i : shape.Count - 1 - i;
            strides[axis] = stride;
            stride *= shape[axis];
        }

        var (row, column, channel) = isStack ? (1, 2, -1) : isLast ? (1, 2, 3) : (2, 3, 1);
        return new ArrayLayout(
            (int)shape[0], (int)shape[row], (int)shape[column], channel < 0 ? 1 : (int)shape[channel],
            strides[0], strides[row], strides[column], channel < 0 ? 0 : strides[channel]);
    }
}
