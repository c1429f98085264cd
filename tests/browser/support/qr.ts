// What a phone's camera reads from a QR code on a page.
import jsqr from 'jsqr';
import type { Page } from 'playwright-core';

export async function readQr(page: Page, selector: string): Promise<string> {
  const picture = await page.locator(selector).screenshot();
  const blank = await page.context().newPage(); // has no policy that forbids to look at a picture
  const { width, height, data } = await blank.evaluate(async (png) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
    canvas.drawImage(image, 0, 0);
    return { width: image.width, height: image.height, data: [...canvas.getImageData(0, 0, image.width, image.height).data] };
  }, picture.toString('base64'));
  await blank.close();
  return jsqr(Uint8ClampedArray.from(data), width, height)?.data ?? '';
}
